title = Fragen
asked = { $count ->
    [one] eine Frage
   *[other] { $count } Fragen
}
