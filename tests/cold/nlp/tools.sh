# The commands of the environment, and those of the system around it.
cd /tmp; export HOME=/tmp TF_CPP_MIN_LOG_LEVEL=3
t() { echo "== $*"; "$@" >/tmp/tools.out 2>&1; echo "status $?"; grep -aoE "${want:-^usage.*|^Usage.*}" /tmp/tools.out | head -n 2; }
t hypercorn --help
t nltk --help
t nltk tokenize --help
t python -m nltk.downloader --help
t python -m spacy --help
want='(spacy|name).{0,20}' t python -m spacy info
want='lang.*' t python -m spacy info --markdown
want='(tag|No compatible|Can.t fetch|No pipeline|error).{0,30}' t python -m spacy validate
want='.*' t python -m spacy init config - --lang sv --pipeline ner,textcat
want='(error|No compatible|Connection).{0,30}' t python -m spacy download en_core_web_sm
t spacy project --help
t weasel --help
want='The given|signature|MetaGraph' t saved_model_cli --help
want='usage|Usage' t tflite_convert --help
want='usage|Usage' t toco --help
want='usage|Usage' t check-model --help
want='usage|Usage' t check-node --help
want='usage|Usage' t backend-test-tools --help
want='usage|Usage' t hf --help
want='Usage|usage' t typer --help
want='Usage|usage' t numpy-config --help
want='[0-9].*' t numpy-config --version
want='Usage|usage' t f2py -h
want='[0-9.]+' t onnxruntime_test --help
want='spaCy|spacy ' t pip list
want='Name: .*|Location: .*' t pip show spacy
want='No broken.*|.* requires .*' t pip check
want='keras==.*' t pip freeze
want='(tensorflow|grpc|spacy).*found.*|WARNING.*' t pip uninstall -y nothing-like-this
want='ERROR: .{30}' t pip install --no-index nothing-like-this
want='libprotoc' t python -m grpc_tools.protoc --version
want='platform|linux' t python -m sysconfig
want='purelib' t python -m site
want='hello' t python -c 'print("hello")'
printf '{"a": 1}' | python -m json.tool
printf 'import this_is_not\n' > broken.py; want='ModuleNotFoundError.*|broken.py.*' t python broken.py
want='File.*|SyntaxError.*' t python -c 'a ='
want='.*' t python -m timeit -n 1 -r 1 pass | grep -c loop
t python -m http.server --help
t python -m zipfile --help
want='usage' t python -m unittest --help
want='Enter|usage' t python -m pdb --help
want='[a-z]+' t python -X importtime -c 'pass'
want='Python 3' t python3 --version
want='hello' t sh -c 'echo hello | tee /tmp/a | cat'
want='nlp' t id
want='[A-Z]+' t date +%Z
want='model.*' t ls /srv/nlp
want='text.*' t file /etc/passwd
want='localhost' t getent hosts localhost
want='.*' t head -c 5 /etc/nlp/hypercorn.toml
want='[0-9]+' t wc -l /etc/nlp/spacy.cfg
want='workers' t grep workers /etc/nlp/hypercorn.toml
want='PID|1 ' t ps aux
want='/' t df /
want='.*' t env -i sh -c 'echo ok'
want='.*' t locale -a
want='tini' t tini --version
