"""A real SMTP server (aiosmtpd) that keeps what it gets, and whose answers can be asked for by the recipient's name.

usage: smtp_server.py FOLDER CERTIFICATE KEY     prints the ports: starttls implicit plain
Mails land in FOLDER as NNNN.eml, whole or not at all. The first two ports want AUTH: desk, secret.
"""
import asyncio, os, ssl, sys
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

folder, certificate, key = sys.argv[1:]
tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
tls.load_cert_chain(certificate, key)


class Keeper:
    count = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name == "greylisted" and not os.path.exists(f"{folder}/let-in"):
            return "451 4.7.1 Greylisted, try again later"
        if name == "nobody":
            return "550 5.1.1 No such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        Keeper.count += 1
        path = f"{folder}/{Keeper.count:04}.eml"
        with open(path + ".part", "wb") as file:
            file.write(f"X-Envelope-To: {envelope.rcpt_tos[0]}\r\nX-Envelope-From: {envelope.mail_from}\r\nX-Login: {session.authenticated}\r\n"
                       f"X-Tls: {server.transport.get_extra_info('sslcontext') is not None}\r\n".encode() + envelope.original_content)
        os.rename(path + ".part", path)
        if envelope.rcpt_tos[0].startswith("vanish"):
            server.transport.abort()
        return "250 2.0.0 queued"


def authenticate(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"desk", b"secret")
    return AuthResult(success=good, handled=False)


async def main():
    loop = asyncio.get_running_loop()
    keeper = Keeper()
    common = {"hostname": "localhost", "enable_SMTPUTF8": False}
    kinds = [
        (lambda: SMTP(keeper, tls_context=tls, require_starttls=True, authenticator=authenticate, auth_required=True, **common), None),
        (lambda: SMTP(keeper, authenticator=authenticate, auth_required=True, auth_require_tls=False, **common), tls),
        (lambda: SMTP(keeper, **common), None),
    ]
    servers = [await loop.create_server(make, "127.0.0.1", 0, ssl=context) for make, context in kinds]
    print(*(server.sockets[0].getsockname()[1] for server in servers), flush=True)
    # Ends when the test does: its end of the pipe is closed then.
    await loop.run_in_executor(None, sys.stdin.read)
    os._exit(0)

asyncio.run(main())
