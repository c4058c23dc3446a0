import optparse


def main(words):
    parser = optparse.OptionParser(usage="tell [options] what")
    parser.add_option("-f", "--form", default="plain")
    options, rest = parser.parse_args(words)
    form = __import__(f"forms.{options.form}", fromlist=["tell"])
    print(form.tell(rest))
