<% Object nothing = null; nothing.toString(); %>
