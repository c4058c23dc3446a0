title = Questions
asked = { $count ->
    [one] one question
   *[other] { $count } questions
}
