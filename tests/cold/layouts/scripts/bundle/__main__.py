import helper

answer = helper.answer
