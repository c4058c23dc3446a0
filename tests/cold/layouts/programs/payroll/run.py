import sys

from payroll import pay

for who in sys.argv[1:]:
    print(who, pay.pay(who))
