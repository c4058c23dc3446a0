module.exports = ({ how }) => {
  setTimeout(() => {
    if (how === 'throw') throw new Error('nobody caught this');
    if (how === 'reject') Promise.reject(new Error('nobody awaited this'));
    if (how === 'abort') process.abort();
  }, 200);
  return 'soon';
};
