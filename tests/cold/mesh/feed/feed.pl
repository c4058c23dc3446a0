#!/usr/bin/perl
# the feed: news of the shop, for those who listen
use Mojolicious::Lite -signatures;
use Mojo::Util qw(b64_encode);

app->config(hypnotoad => { listen => ['http://127.0.0.1:5001'], workers => 1, pid_file => '/tmp/feed.pid', graceful_timeout => 2 });
app->secrets(['feed']);
app->log->level('warn');

get '/feed' => sub ($c) { $c->render(text => "feed\n") };

get '/feed/page' => sub ($c) { $c->stash(items => ['tea', '<coffee>']); $c->render('page') };

get '/feed/boom' => sub ($c) { die "the feed broke\n" };

get '/feed/ask' => sub ($c) {
    $c->ua->get_p('http://127.0.0.1:8080/shelves/1')->then(sub ($tx) { $c->render(json => { name => $tx->res->json('/name'), dom => Mojo::DOM->new('<p><b>x</b></p>')->at('p > b')->text }) })
      ->catch(sub ($error) { $c->render(text => "failed: $error", status => 502) });
};

post '/feed/check' => sub ($c) {
    my $v = $c->validation;
    $v->required('name', 'trim')->size(2, 5)->like(qr/^[a-z]+$/);
    $v->optional('kind')->in(qw(a b));
    $c->render(json => { ok => $v->has_error ? \0 : \1, failed => $v->failed, name => $v->param('name') });
};

websocket '/feed/live' => sub ($c) { $c->on(message => sub ($c, $text) { $c->send("heard $text") }) };

get '/feed/types' => sub ($c) { $c->respond_to(json => { json => { a => 1 } }, html => { text => '<p>a</p>' }, any => { text => '', status => 204 }) };

app->start;
__DATA__

@@ page.html.ep
% layout 'outer';
% title 'News';
<ul>
% for my $item (@$items) {
  <li><%= $item %></li>
% }
</ul>
%= form_for '/feed/check' => begin
%= text_field 'name'
%= end

@@ layouts/outer.html.ep
<html><head><title><%= title %></title></head><body><%= content %></body></html>
