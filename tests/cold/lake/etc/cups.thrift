struct Cup {
  1: i32 id
  2: string what
}
service Cups {
  Cup get(1: i32 id)
}
