:- module(kin, [parent/2, ancestor/2, answer/1]).
parent(anna, bert).
parent(bert, clara).
parent(clara, doris).
ancestor(X, Y) :- parent(X, Y).
ancestor(X, Y) :- parent(X, Z), ancestor(Z, Y).
answer(Goal) :- term_to_atom(Term, Goal), forall(catch(Term, E, (print_message(error, E), halt(3))), (print(Term), nl)).
