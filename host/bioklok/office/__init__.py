"""The office: what people do at the school, each one function in one transaction.

It puts together what the rules say (`bioklok.school`), what is stored (`bioklok.store`) and what
time it is. The pages, the API, the command line and the jobs all come here, so that a rule holds
whichever door somebody uses. Functions take the store as one school's, who acts (`by`) and the
time (Unix seconds UTC), and raise BioklokFailure, NotFound, NotAllowed.
"""
