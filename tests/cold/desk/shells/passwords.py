from django.contrib.auth.hashers import check_password, get_hasher, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

for name in ("pbkdf2_sha256", "argon2", "bcrypt_sha256", "scrypt"):
    print(name, check_password("tea", make_password("tea", hasher=name)))

for word in ("password1", "123", "20261201", "a long one, surely"):
    try:
        validate_password(word)
        print("good")
    except ValidationError as error:
        print(*error.messages)

from django.test import override_settings

with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher", "django.contrib.auth.hashers.BCryptPasswordHasher"]):
    print("md5", check_password("tea", make_password("tea")), get_hasher("bcrypt").algorithm)

