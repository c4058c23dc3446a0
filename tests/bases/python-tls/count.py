import ssl

names = [dict(part[0] for part in each["subject"]).get("commonName") for each in ssl.create_default_context().get_ca_certs()]
print("trusts", next(name for name in names if name == "Corpus Test CA"))
