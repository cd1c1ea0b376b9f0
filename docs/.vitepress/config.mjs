import { withMermaid } from 'vitepress-plugin-mermaid'

const REPOSITORY = 'https://github.com/taxistream/taxi-stream'

/** Rewrites links to files outside docs/, which are not part of the site, to links to the repository. */
function linkToRepository(markdown) {
  markdown.core.ruler.push('link-to-repository', ({ tokens }) => {
    for (const token of tokens.flatMap((block) => block.children ?? [])) {
      const href = token.type === 'link_open' ? token.attrGet('href') : null
      if (href?.startsWith('../')) {
        token.attrSet('href', `${REPOSITORY}/blob/main${href.slice(2)}`)
      }
    }
  })
}

export default withMermaid({
  title: 'Taxi stream',
  description: 'Real-time stream processing on AWS with exact event time',
  srcExclude: ['node_modules/**'],
  // A project site is published under the repository's name.
  base: process.env.DOCS_BASE ?? '/',
  markdown: { config: linkToRepository },
  themeConfig: {
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: REPOSITORY }],
    outline: [2, 3],
    sidebar: [
      {
        text: 'Use',
        items: [
          { text: 'Documentation', link: '/' },
          { text: 'Running locally', link: '/run-local' },
          { text: 'Producer', link: '/producer' },
          { text: 'Processor', link: '/processor' },
          { text: 'Guarantees', link: '/guarantees' },
          { text: 'Input formats', link: '/input' },
          { text: 'Replaying your own data', link: '/replay' },
          { text: 'Adding a result', link: '/extending' },
          { text: 'Monitoring', link: '/monitoring' },
          { text: 'Sizing and scaling', link: '/scale' },
        ],
      },
      {
        text: 'Deploy',
        items: [
          { text: 'AWS', link: '/aws' },
          { text: 'Costs and quotas', link: '/aws-costs' },
          { text: 'Permissions', link: '/aws-roles' },
          { text: 'Operations', link: '/aws-operations' },
          { text: 'Troubleshooting', link: '/aws-troubleshooting' },
          { text: 'Kubernetes', link: '/kubernetes' },
        ],
      },
      {
        text: 'Libraries',
        items: [
          { text: 'Event-time sender', link: '/event-time-sender' },
          { text: 'Event-time source', link: '/event-time-source' },
          { text: 'Search sink', link: '/search-sink' },
          { text: 'Embedded Kinesis', link: '/embedded-kinesis' },
          { text: 'Javadoc', link: '/javadoc/index.html', target: '_self' },
        ],
      },
      {
        text: 'Project',
        items: [
          { text: 'Architecture', link: '/architecture' },
          { text: 'Design decisions', link: '/decisions' },
          { text: 'Security', link: '/security' },
          { text: 'Benchmarks', link: '/benchmarks' },
        ],
      },
    ],
  },
})
