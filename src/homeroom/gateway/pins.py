"""Keys and self-signed certificates for the connection between gateway and inbox. Each of them has the other's certificate in advance."""

import hashlib
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from homeroom.gateway.durable import make_folder, write_whole

LIFE = timedelta(days=730)
ROLES = {"client": ExtendedKeyUsageOID.CLIENT_AUTH, "server": ExtendedKeyUsageOID.SERVER_AUTH}


def make_pair(path: Path, name: str, role: Literal["client", "server"]) -> str:
    """Writes key and certificate to one file that only its owner can read. Returns only the certificate, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(key, name, role).public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    make_folder(path.parent)
    write_whole(path, secret + certificate)
    return certificate.decode()


def _certificate(key: ec.EllipticCurvePrivateKey, name: str, role: str) -> x509.Certificate:
    now = datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=10))  # the clocks of two hosts differ a little
        .not_valid_after(now + LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)  # it can sign for no other certificate
        .add_extension(x509.ExtendedKeyUsage([ROLES[role]]), critical=True)
        .sign(key, hashes.SHA256())
    )


def certificate_in(path: Path) -> str:
    """Returns the certificate that make_pair wrote, as PEM."""
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def fingerprint(certificate: str) -> str:
    """Returns the SHA-256 of the DER, as hex."""
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate)).hexdigest()


def expiry(certificate: str) -> datetime:
    return x509.load_pem_x509_certificate(certificate.encode()).not_valid_after_utc


def line_to(pinned: str, own: Path) -> ssl.SSLContext:
    """Returns a context for TLS 1.3 to the one host with the pinned certificate, which is shown `own`. No other authority counts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False  # the certificate itself is pinned, so its name adds nothing
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=pinned)
    context.load_cert_chain(own)
    return context
