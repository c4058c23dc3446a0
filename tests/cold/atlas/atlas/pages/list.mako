% for name in sorted(names):
${name}-${word | h}
% endfor
<%! import datetime %>${datetime.date(2026, 3, 4).strftime("%A")}
