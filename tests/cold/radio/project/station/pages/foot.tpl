<p>on air</p>
