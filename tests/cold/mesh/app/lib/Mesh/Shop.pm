package Mesh::Shop;
use Dancer2;
use Module::Runtime qw(use_module);
use Mesh::Shelves;

my $shelves;
sub shelves { return $shelves //= Mesh::Shelves->new(path => ($ENV{MESH_DATA} // '/var/lib/mesh') . '/shop.db') }

get '/health' => sub { content_type 'text/plain'; return "ok\n" };

get '/shelves/:id[Int]' => sub {
    my $row = shelves()->one(route_parameters->get('id')) or send_error('no such shelf', 404);
    send_as JSON => $row;
};

get '/' => sub { template 'index', { shelves => [shelves()->all], title => 'Shop' } };

get '/basket' => sub {
    my $basket = session('basket') // [];
    send_as YAML => { basket => $basket };
};

post '/basket' => sub {
    session basket => [@{ session('basket') // [] }, body_parameters->get('shelf')];
    redirect '/basket';
};

post '/files' => sub {
    my $file = request->upload('file') or send_error('no file', 400);
    send_as JSON => { name => $file->basename, size => $file->size, type => $file->type, head => substr($file->content, 0, 8) };
};

get '/stream' => sub {
    delayed {
        content_type 'text/plain';
        flush;
        for my $n (1 .. 3) { content "part $n\n" }
        done;
    };
};

get '/file' => sub { send_file '/opt/mesh/app/config.yml', system_path => 1, content_type => 'text/yaml', filename => 'config.yml' };

get '/boom' => sub { die "it broke\n" };

# what the shop does less often: one module for each area, loaded when it is first asked for
any ['get', 'post'] => '/:area/:deed' => sub {
    my ($area, $deed) = (route_parameters->get('area'), route_parameters->get('deed'));
    pass unless $area =~ /^[a-z]+$/ && $deed =~ /^[a-z]+$/;
    my $class = 'Mesh::Area::' . ucfirst $area;
    my $module = eval { use_module($class) };
    if (!$module) { pass if $@ =~ /^Can't locate Mesh/; die $@ }
    my $code = $module->can($deed) or pass;
    my $result = $code->({ %{ query_parameters->as_hashref }, %{ body_parameters->as_hashref } }, shelves(), app);
    if (ref $result eq 'HASH') { send_as JSON => $result }
    content_type 'text/plain; charset=utf-8';
    return $result;
};

1;
