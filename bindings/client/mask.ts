/*
 * The bytes of one direction of a stream as text that may be shown: all of it but what is secret
 * (secret-names.ts), for which `***` stands.
 *
 *     <auth mechanism='PLAIN'>AGp1bGlldABiYWxjb255</auth>   ──►   <auth mechanism='PLAIN'>***</auth>
 *
 * Reads a character at a time, so that what is shown does not depend on how the bytes are cut, and holds
 * nothing but a name or two and the names of the elements inside a secret one, all bounded. Looks at each
 * character once.
 *
 * Invariants: nothing inside a secret element is shown before its own end tag. Of <success/> (RFC 6120,
 * XEP-0388) the elements are shown and the text is not. What is no XML of a stream, or is out of bounds,
 * cannot be told from a secret: from there on nothing is shown.
 */
import {
  isSecretAttribute,
  isSecretElement,
  isTelling,
  localOf,
  tellsSecret,
} from './secret-names.js';

const mask = '***';

/** Of a name, and of a value that says what its element is. */
const maxNameLength = 256;
/** Of elements inside each other, from a secret one on. */
const maxDepth = 256;

/** Where in the stream the next character is. */
const enum At {
  Text,
  /**
   *     <message
   *      ^
   */
  Markup,
  /** In `<?xml`, then behind it. */
  DeclarationName,
  Declaration,
  /** In `<![CDATA[`, then behind it. */
  SectionName,
  Section,
  EndName,
  EndSpace,
  Name,
  /**
   *     <message to='juliet' >
   *             ^           ^
   */
  Tag,
  /** Behind the slash of `<a/>`. */
  Slash,
  AttributeName,
  /**
   *     to = 'juliet'
   *       ^ ^
   */
  Equals,
  Quote,
  Value,
  /** No more is shown. */
  Lost,
}

const isSpace = (character: string): boolean => ' \t\r\n'.includes(character);

const sectionStart = '![CDATA[';
const declarationStart = '?xml';

export class Mask {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #shown = '';
  #at = At.Text;
  /** Names of the open elements, from a secret one or <success/> on. */
  readonly #path: string[] = [];
  /** Where in the path the element is whose content is hidden; -1: none. */
  #hiddenFrom = -1;
  /** Whether `***` stands already for the text that is read. */
  #isTextMasked = false;
  #bracketCount = 0;

  // Of the tag that is read.
  #name = '';
  #isSecret = false;
  #attribute = '';
  #quote = '';
  #isValueMasked = false;
  /** A value that says what the element is. */
  #value: string | undefined;

  /** What may be shown now. */
  push(bytes: Uint8Array): string {
    const text = this.#decoder.decode(bytes, { stream: true });
    this.#shown = '';
    for (let index = 0; index < text.length;) {
      if (this.#at === At.Text) index = this.#readText(text, index);
      else if (this.#at === At.Value) index = this.#readValue(text, index);
      else if (this.#at === At.Lost) break;
      else {
        this.#take(text.charAt(index));
        index += 1;
      }
    }
    return this.#shown;
  }

  get #isHidden(): boolean {
    return this.#hiddenFrom >= 0;
  }

  /** Shows a part of a tag, outside of secret elements. */
  #show(text: string): void {
    if (!this.#isHidden) this.#shown += text;
  }

  #showText(text: string): void {
    const isPlain =
      this.#path.length === 0 || localOf(this.#path.at(-1) ?? '') === 'authorization-identifier';
    if (isPlain) return this.#show(text);
    if (text === '' || this.#isTextMasked) return;
    this.#isTextMasked = true;
    this.#show(mask);
  }

  #lose(): void {
    this.#show(mask);
    this.#at = At.Lost;
  }

  // Runs of characters; each returns where the next one is.

  #readText(text: string, start: number): number {
    const tag = text.indexOf('<', start);
    const end = tag < 0 ? text.length : tag;
    this.#showText(text.slice(start, end));
    if (tag < 0) return end;
    this.#at = At.Markup;
    this.#name = '';
    return end + 1;
  }

  #readValue(text: string, start: number): number {
    const stop = this.#quote === '"' ? /["<]/g : /['<]/g;
    stop.lastIndex = start;
    const end = stop.exec(text)?.index ?? text.length;
    const part = text.slice(start, end);
    if (!this.#isValueMasked) this.#show(part);
    if (this.#value !== undefined && this.#value.length <= maxNameLength) this.#value += part;
    if (end === text.length) return end;
    if (text.charAt(end) === '<') this.#lose();
    else this.#endValue();
    return end + 1;
  }

  // Single characters.

  #take(character: string): void {
    switch (this.#at) {
      case At.Markup:
        return this.#takeMarkup(character);
      case At.DeclarationName:
        return this.#takeStart(character, declarationStart, At.Declaration);
      case At.Declaration:
        this.#show(character);
        if (character === '>') this.#endTag();
        return;
      case At.SectionName:
        return this.#takeStart(character, sectionStart, At.Section);
      case At.Section:
        return this.#takeSection(character);
      case At.EndName:
        if (character === '>' || isSpace(character)) return this.#takeEnd(character);
        return this.#takeName(character);
      case At.EndSpace:
        if (character !== '>' && !isSpace(character)) return this.#lose();
        this.#show(character);
        if (character === '>') this.#endTag();
        return;
      case At.Name:
        if (!isSpace(character) && character !== '>' && character !== '/') {
          return this.#takeName(character);
        }
        this.#at = At.Tag;
        this.#isSecret = isSecretElement(localOf(this.#name));
        return this.#takeTag(character);
      case At.Tag:
        return this.#takeTag(character);
      case At.Slash:
        if (character === '>') this.#startTag(true);
        else this.#lose();
        return;
      case At.AttributeName:
        if (isSpace(character) || character === '=') {
          this.#at = At.Equals;
          return this.#takeEquals(character);
        }
        if (`<>/'"`.includes(character) || this.#attribute.length >= maxNameLength) {
          return this.#lose();
        }
        this.#attribute += character;
        return this.#show(character);
      case At.Equals:
        return this.#takeEquals(character);
      case At.Quote:
        return this.#takeQuote(character);
      case At.Text:
      case At.Value:
      case At.Lost:
        // Read in runs.
        return;
    }
  }

  /** Behind `<`, which is shown with what follows. */
  #takeMarkup(character: string): void {
    switch (character) {
      case '/':
        this.#at = At.EndName;
        return;
      case '!':
        this.#at = At.SectionName;
        return this.#takeStart(character, sectionStart, At.Section);
      case '?':
        this.#at = At.DeclarationName;
        return this.#takeStart(character, declarationStart, At.Declaration);
      default:
        if (isSpace(character) || character === '>') return this.#lose();
        this.#at = At.Name;
        this.#show('<');
        return this.#takeName(character);
    }
  }

  /** In the word that begins something other than an element. */
  #takeStart(character: string, word: string, next: At): void {
    this.#name += character;
    if (!word.startsWith(this.#name)) return this.#lose();
    if (this.#name !== word) return;
    this.#at = next;
    this.#bracketCount = 0;
    if (next === At.Section) this.#showText(`<${word}`);
    else this.#show(`<${word}`);
  }

  #takeSection(character: string): void {
    this.#showText(character);
    if (character === '>' && this.#bracketCount >= 2) this.#at = At.Text;
    this.#bracketCount = character === ']' ? this.#bracketCount + 1 : 0;
  }

  /** A tag that is hidden has to be read as well: an end tag is to match. */
  #takeName(character: string): void {
    if (`<'"=`.includes(character) || this.#name.length >= maxNameLength) return this.#lose();
    this.#name += character;
    if (this.#at === At.Name) this.#show(character);
  }

  #takeTag(character: string): void {
    if (character === '>') return this.#startTag(false);
    if (`<='"`.includes(character)) return this.#lose();
    this.#show(character);
    if (isSpace(character)) return;
    if (character === '/') this.#at = At.Slash;
    else {
      this.#at = At.AttributeName;
      this.#attribute = character;
    }
  }

  #takeEquals(character: string): void {
    if (character === '=') this.#at = At.Quote;
    else if (!isSpace(character)) return this.#lose();
    this.#show(character);
  }

  #takeQuote(character: string): void {
    if (isSpace(character)) return this.#show(character);
    if (character !== "'" && character !== '"') return this.#lose();
    this.#at = At.Value;
    this.#quote = character;
    const element = localOf(this.#name);
    this.#isValueMasked = isSecretAttribute(this.#attribute, element);
    this.#value = isTelling(this.#attribute, element) ? '' : undefined;
    this.#show(this.#isValueMasked ? character + mask : character);
  }

  #endValue(): void {
    const value = this.#value;
    if (value !== undefined) {
      this.#isSecret ||= value.length > maxNameLength || tellsSecret(this.#attribute, value);
    }
    this.#show(this.#quote);
    this.#at = At.Tag;
  }

  // Ends of tags.

  #startTag(isEmpty: boolean): void {
    this.#show('>');
    const isPart = this.#path.length > 0 || localOf(this.#name) === 'success';
    if (!isEmpty && (isPart || this.#isSecret)) {
      if (this.#path.length >= maxDepth) return this.#lose();
      this.#path.push(this.#name);
      if (this.#isSecret && !this.#isHidden) {
        this.#show(mask);
        this.#hiddenFrom = this.#path.length - 1;
      }
    }
    this.#endTag();
  }

  /** The name of an end tag is there. */
  #takeEnd(character: string): void {
    const name = this.#path.pop();
    if (name !== undefined && name !== this.#name) return this.#lose();
    if (this.#hiddenFrom === this.#path.length) this.#hiddenFrom = -1;
    this.#show(`</${this.#name}${character}`);
    if (character === '>') this.#endTag();
    else this.#at = At.EndSpace;
  }

  #endTag(): void {
    this.#at = At.Text;
    this.#isTextMasked = false;
  }
}
