<%@ page contentType="text/plain" %>shop
