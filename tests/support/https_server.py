"""An HTTPS server on this machine that answers as a test wants, kindly or not. No tests."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress

import trustme

Answer = Callable[[ssl.SSLSocket, threading.Event], None]


class Server:
    """An HTTPS server on this machine that gives each caller one answer, in a thread each."""

    def __init__(self, answer: Answer, certificate: trustme.LeafCert | None) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.stopped = threading.Event()
        self._answer = answer
        self._tls = None
        if certificate is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(self._tls)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self.connections += 1
                thread = threading.Thread(target=self._serve, args=(connection,))
                self._threads.append(thread)
                thread.start()

    def _serve(self, plain: socket.socket) -> None:
        with plain, suppress(OSError):
            plain.settimeout(20)
            if self._tls is None:
                self.stopped.wait()  # never says a word
                return
            with self._tls.wrap_socket(plain, server_side=True) as connection:
                request = b""
                while not request.endswith(b"\r\n\r\n"):
                    request += connection.recv(4096) or b"\r\n\r\n"
                self.requests.append(request)
                self._answer(connection, self.stopped)

    def close(self) -> None:
        self.stopped.set()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in self._threads:
            thread.join(30)
