<% this is no Java %>
