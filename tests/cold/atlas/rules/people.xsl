<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:d="http://exslt.org/dates-and-times" xmlns:s="http://exslt.org/strings" exclude-result-prefixes="d s">
<xsl:output method="text"/>
<xsl:template match="/"><xsl:value-of select="d:year('2026-03-04')"/>:<xsl:for-each select="s:tokenize(//p, ' ')"><xsl:value-of select="."/>;</xsl:for-each></xsl:template>
</xsl:stylesheet>
