"""Studies: does the estimator find on people and on virtual students what it should?"""
