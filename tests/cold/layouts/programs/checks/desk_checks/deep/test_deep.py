import unittest
import unittest.mock


def test_deep(deep):
    assert deep == {"a": [1, 2]}


class Old(unittest.TestCase):
    def test_old(self):
        with unittest.mock.patch("os.getcwd", return_value="/x") as getcwd:
            __import__("os").getcwd()
        getcwd.assert_called_once()
