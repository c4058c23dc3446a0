import thirds

answer = thirds.answer
