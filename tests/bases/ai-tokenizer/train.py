import sys
from pathlib import Path

from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.trainers import WordLevelTrainer

tokenizer = Tokenizer(WordLevel(unk_token="?"))
tokenizer.pre_tokenizer = Whitespace()
tokenizer.train([sys.argv[1]], WordLevelTrainer(special_tokens=["?"]))
Path(sys.argv[2]).parent.mkdir(parents=True)
tokenizer.save(sys.argv[2])
