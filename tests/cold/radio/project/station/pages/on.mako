<%inherit file="base.mako"/>
<%! from station.captions import split %>
<h1>${title | h} ${split("station", "en_GB")}</h1>
