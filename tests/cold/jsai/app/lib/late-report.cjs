exports.lines = () => ['one', 'two'];
