/*
 * Resourceparts: the profile OpaqueString (RFC 8265, section 4.2). Spaces become U+0020, nothing is
 * trimmed (erratum 4560), case and width stay, and the text is normalised.
 */
import { JidOption } from '../abi';
import { Point, PointSize } from '../text/points';
import { Property } from '../text/unicode-data';
import { Repertoire, checkClasses } from './classes';
import { Text, compose, replace } from './text';

/** Without any of these a text is a resourcepart as it stands, but for its length. */
export const ResourceWork: u32 = Property.ResourceWork;

/** Prepares the text; false when it is no resourcepart. Its length is not looked at. */
export function prepareResource(options: u32): bool {
  if (options & JidOption.Strict && !checkClasses(Text.start, Text.end, Repertoire.Resource)) {
    return false;
  }
  if (Text.seen & Property.Space) {
    for (let p = Text.start; p < Text.end; p += PointSize) {
      if (Point.word(p) & Property.Space) replace(p, 0x20);
    }
  }
  compose();
  return checkClasses(Text.start, Text.end, Repertoire.Resource);
}
