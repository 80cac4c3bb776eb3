// What the npm package twitter-text says of the texts on stdin (a JSON list), as JSON. See record.py.
const twitter = require("twitter-text");
const { version } = require("twitter-text/package.json");

const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
const words = (found) => found.map((one) => one.url ?? one.hashtag ?? one.screenName);
const answers = texts.map((text) => ({
  text,
  weight: twitter.parseTweet(text).weightedLength,
  links: words(twitter.extractUrlsWithIndices(text)),
  hashtags: words(twitter.extractHashtagsWithIndices(text)),
  mentions: words(twitter.extractMentionsWithIndices(text)),
}));
console.log(JSON.stringify({ package: `twitter-text ${version}`, node: process.version, answers }));
