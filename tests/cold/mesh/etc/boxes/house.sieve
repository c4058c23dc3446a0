require ["fileinto", "mailbox", "variables", "regex", "imap4flags", "editheader", "relational", "comparator-i;ascii-numeric"];
if header :regex "subject" "^\\[([a-z]+)\\]" {
  set :lower :upperfirst "folder" "${1}";
  addheader "X-House" "sorted ${1}";
  fileinto :create :flags "\\Flagged" "${folder}";
  stop;
}
if header :value "ge" :comparator "i;ascii-numeric" "x-score" "5" {
  fileinto "Junk";
  stop;
}
