"""Is the authority among those that are trusted?"""
import os
import ssl

found = ssl.create_default_context(cafile="/etc/ssl/certs/ca-certificates.crt").get_ca_certs()
print(any("Own Authority" in str(item) for item in found), len([name for name in os.listdir("/etc/ssl/certs") if name.startswith("own")]))
