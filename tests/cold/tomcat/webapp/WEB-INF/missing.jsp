<%@ page isErrorPage="true" contentType="text/html; charset=UTF-8" %>nothing at <%= request.getAttribute("jakarta.servlet.error.request_uri") %>
