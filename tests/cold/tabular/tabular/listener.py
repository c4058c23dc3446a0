"""What supervisord tells when a program starts or ends."""
import sys


def main():
    from supervisor import childutils

    while True:
        headers, payload = childutils.listener.wait()
        print(f"event {headers['eventname']} {payload.split()[0]}", file=sys.stderr, flush=True)
        childutils.listener.ok()


if __name__ == "__main__":
    main()
