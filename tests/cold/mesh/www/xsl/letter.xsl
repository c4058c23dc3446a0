<?xml version="1.0"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:math="http://exslt.org/math" xmlns:date="http://exslt.org/dates-and-times"
  xmlns:str="http://exslt.org/strings" exclude-result-prefixes="math date str">
  <xsl:output method="html" encoding="UTF-8"/>
  <xsl:param name="reader" select="'somebody'"/>
  <xsl:template match="/letter">
    <div><b><xsl:value-of select="$reader"/></b> <xsl:value-of select="text"/> max <xsl:value-of select="math:max(sum)"/>
    day <xsl:value-of select="date:day-name(@date)"/> <xsl:for-each select="str:tokenize('a b c')">[<xsl:value-of select="."/>]</xsl:for-each>
    <xsl:value-of select="document('/srv/www/xsl/more.xml')/more"/></div>
  </xsl:template>
</xsl:stylesheet>
