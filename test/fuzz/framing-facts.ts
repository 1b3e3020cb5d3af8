/** What can be said of a framing by its recipe alone. */
import { FORMATS, WIDTHS, type FramingRecipe } from './framing-recipes.ts';
import { pick } from './vocabulary.ts';

/** Whether frames are decoded to what was encoded, and not to something that only says the same. */
export function isTransparent(recipe: FramingRecipe): boolean {
  switch (recipe.kind) {
    case 'fixed':
      return recipe.padding === undefined || !recipe.keepPadding;
    case 'length': {
      const { offset, strip = offset > 0 ? 0 : Infinity } = recipe;
      // Where the length is a part of the frame, the encoder writes it there.
      return strip >= offset + (WIDTHS[pick(FORMATS, recipe.format)] ?? 0);
    }
    case 'type':
      return recipe.entries.every(isTransparentPart);
    case 'headed':
      return isTransparent(recipe.head) && recipe.bodies.every(isTransparentPart);
    case 'delimited':
    case 'until-close':
      return true;
  }
}

/** The most bytes that a decoder has to hold: the limit, or that of a head, which is looked for behind the limit. */
export function mostHeld(recipe: FramingRecipe): number {
  const parts =
    recipe.kind === 'headed'
      ? [recipe.head, ...recipe.bodies]
      : recipe.kind === 'type'
        ? recipe.entries
        : [];
  const inParts = parts.map((part) => (typeof part === 'number' ? 0 : mostHeld(part)));
  return inParts.reduce((sum, each) => sum + each, recipe.maxLength + 64);
}

function isTransparentPart(part: number | FramingRecipe): boolean {
  return typeof part === 'number' || isTransparent(part);
}
