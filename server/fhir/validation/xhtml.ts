/**
 * Narrative (Narrative.div): well-formed XHTML with nothing but the formatting that
 * https://hl7.org/fhir/R4/narrative.html#xhtml allows (txt-1) and some content (txt-2). Written for
 * this use: one pass, no entities of one's own, no document types, so that nothing can be made to grow.
 */

const ELEMENTS = words(`
  p br div h1 h2 h3 h4 h5 h6 a span b em i strong small big tt dfn q var abbr acronym cite
  blockquote hr address bdo kbd sub sup ul ol li dl dt dd pre table caption colgroup col thead tr
  tfoot tbody th td code samp img map area`);
const ATTRIBUTES = words(`
  title style class id lang xml:lang dir accesskey tabindex span width align valign char charoff
  abbr axis headers scope rowspan colspan xmlns`);
const ATTRIBUTES_OF: Readonly<Record<string, ReadonlySet<string>>> = {
  a: words("href name charset type hreflang rel rev shape coords target"),
  img: words("src alt longdesc height width usemap ismap border"),
  blockquote: words("cite"),
  q: words("cite"),
  map: words("name"),
  area: words("shape coords href nohref alt"),
  table: words("summary width border frame rules cellspacing cellpadding bgcolor"),
  tr: words("bgcolor"),
  td: words("nowrap bgcolor"),
  th: words("nowrap bgcolor"),
  pre: words("space xml:space"),
  ol: words("start type"),
  ul: words("type"),
  li: words("value"),
};
const ADDRESSES = words("href src cite longdesc usemap");
const EMPTY_ELEMENTS = words("br hr img col area");
const NAMESPACE = "http://www.w3.org/1999/xhtml";
/** Active or able to carry something active. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: browsers skip them in addresses
const ACTIVE_ADDRESS = /^[\s\u0000-\u001f]*(javascript|vbscript|data:(?!image\/))/i;
const ACTIVE_STYLE =
  /expression\s*\(|javascript:|@import|behaviou?r\s*:|url\s*\(\s*['"]?\s*(?!#|data:image)/i;
const NESTING_MAX = 100;

const TAG =
  /<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[A-Za-z_:][\w.:-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const ATTRIBUTE = /([A-Za-z_:][\w.:-]*)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const ENTITY = /&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,7}));/y;

/** Named characters of XHTML 1.0. */
const ENTITIES = words(`
  quot amp lt gt apos nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg
  macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34
  iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute
  Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute
  THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave
  iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc
  uuml yacute thorn yuml OElig oelig Scaron scaron Yuml circ tilde ensp emsp thinsp zwnj zwj lrm
  rlm ndash mdash lsquo rsquo sbquo ldquo rdquo bdquo dagger Dagger permil lsaquo rsaquo euro fnof
  Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi Rho Sigma Tau
  Upsilon Phi Chi Psi Omega alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi
  omicron pi rho sigmaf sigma tau upsilon phi chi psi omega thetasym upsih piv bull hellip prime
  Prime oline frasl weierp image real trade alefsym larr uarr rarr darr harr crarr lArr uArr rArr
  dArr hArr forall part exist empty nabla isin notin ni prod sum minus lowast radic prop infin ang
  and or cap cup int there4 sim cong asymp ne equiv le ge sub sup nsub sube supe oplus otimes perp
  sdot lceil rceil lfloor rfloor lang rang loz spades clubs hearts diams`);

export const NO_CONTENT = "holds neither text nor an image";

/** Nothing but line breaks: what generators leave that had nothing to say, in HL7's examples too. */
export const isBlankDiv = (text: string) => /^<div[^<>]*>\s*\n\s*<\/div>$/.test(text);

/** @returns what is wrong with a narrative's div, or undefined */
export function xhtmlProblem(text: string): string | undefined {
  const open: string[] = [];
  let at = 0;
  let hasContent = false;
  let isClosed = false;
  while (at < text.length) {
    const next = text.indexOf("<", at);
    const end = next < 0 ? text.length : next;
    if (end > at) {
      const words = text.slice(at, end);
      if (/\S/.test(words)) {
        if (open.length === 0) return "has text outside of its div";
        const problem = textProblem(words);
        if (problem) return problem;
        hasContent = true;
      }
      at = end;
      continue;
    }
    if (text.startsWith("<!--", at)) {
      const close = text.indexOf("-->", at + 4);
      if (close < 0) return "has a comment without an end";
      at = close + 3;
      continue;
    }
    if (text.startsWith("<!", at)) return "must not declare a document type or CDATA";
    if (text.startsWith("<?", at)) return "must not hold processing instructions";
    TAG.lastIndex = at;
    const tag = TAG.exec(text);
    if (!tag) return "is not well-formed XHTML";
    at = TAG.lastIndex;
    const [, slash, name = "", attributes = "", selfClosing] = tag;
    if (slash) {
      if (attributes || selfClosing || open.pop() !== name) {
        return `is not well-formed XHTML: </${name}> closes nothing`;
      }
      if (open.length === 0) isClosed = true;
      continue;
    }
    if (isClosed) return "must be one div";
    if (open.length === 0 && name !== "div") return "must be a div";
    if (!ELEMENTS.has(name)) return `holds <${name}>, which is not allowed in a narrative`;
    const problem = attributesProblem(name, attributes, open.length === 0);
    if (problem) return problem;
    if (name === "img") hasContent = true;
    if (selfClosing) {
      if (open.length === 0) isClosed = true;
      continue;
    }
    if (EMPTY_ELEMENTS.has(name) && !text.startsWith(`</${name}`, at)) {
      return `is not well-formed XHTML: <${name}> is not closed`;
    }
    open.push(name);
    if (open.length > NESTING_MAX) return "is nested too deep";
  }
  if (open.length > 0) return `is not well-formed XHTML: <${open.at(-1)}> is not closed`;
  if (!isClosed) return "must be a div";
  return hasContent ? undefined : NO_CONTENT;
}

function attributesProblem(name: string, text: string, isRoot: boolean): string | undefined {
  let namespace: string | undefined;
  if (text) {
    const seen = new Set<string>();
    for (const [, attribute = "", inDouble, inSingle] of text.matchAll(ATTRIBUTE)) {
      const value = inDouble ?? inSingle ?? "";
      if (seen.has(attribute)) return `is not well-formed XHTML: ${attribute} is given twice`;
      seen.add(attribute);
      if (attribute === "xmlns") namespace = value;
      else if (!ATTRIBUTES.has(attribute) && !ATTRIBUTES_OF[name]?.has(attribute)) {
        return `gives <${name}> the attribute ${attribute}, which is not allowed in a narrative`;
      }
      const problem = textProblem(value);
      if (problem) return problem;
      const plain = value.includes("&") ? decoded(value) : value;
      if (ADDRESSES.has(attribute) && ACTIVE_ADDRESS.test(plain)) {
        return "holds an active address";
      }
      if (attribute === "style" && ACTIVE_STYLE.test(plain)) return "holds active or foreign style";
    }
  }
  if (isRoot && namespace === undefined) return `must name the namespace ${NAMESPACE}`;
  if (namespace !== undefined && namespace !== NAMESPACE) return `is not in ${NAMESPACE}`;
  return undefined;
}

/** Every ampersand begins a known entity. */
function textProblem(text: string): string | undefined {
  for (let at = text.indexOf("&"); at >= 0; at = text.indexOf("&", at + 1)) {
    ENTITY.lastIndex = at;
    const entity = ENTITY.exec(text);
    if (!entity) return "is not well-formed XHTML: & begins no entity";
    const [, , , name] = entity;
    if (name && !ENTITIES.has(name)) return `is not well-formed XHTML: &${name}; is unknown`;
  }
  return undefined;
}

/** Numeric entities resolved, as a browser would before it follows an address. */
function decoded(text: string): string {
  return text.replace(/&#(?:(\d+)|x([0-9a-fA-F]+));/g, (_, decimal, hex) => {
    const point = decimal ? Number(decimal) : Number.parseInt(hex, 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : "";
  });
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
