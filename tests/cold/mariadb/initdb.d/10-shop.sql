create database shop;
create table shop.items (id int auto_increment primary key, name varchar(100), fulltext (name)) charset utf8mb4;
insert into shop.items (name) values ('a pen'), ('black ink');
grant all on *.* to app@'%' identified by 'secret';
