<%@ page contentType="text/html; charset=UTF-8" import="java.util.*" %><%@ taglib prefix="t" tagdir="/WEB-INF/tags" %>
<% List<Integer> squares = new ArrayList<>(); for (int n = 1; n < 5; n++) squares.add(n * n); request.setAttribute("squares", squares); %>
<t:box title="squares">${squares.stream().sum()} of ${fn} ${param.who} ${squares[2] gt 8 ? "large" : "small"}</t:box>
<jsp:include page="part.jsp"><jsp:param name="x" value="1"/></jsp:include>
