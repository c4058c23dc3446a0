<title>{{title}}</title>
% include("foot.tpl")
