<%@ page isErrorPage="true" contentType="text/plain; charset=UTF-8" %>broken: <%= exception.getMessage() %>
