"""The layers of an image: each root, cut to its variant, as a difference to the one below."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from careen.catalog import recipe as recipes
from careen.catalog.accounts import with_users
from careen.catalog.added import Additions, added_layer
from careen.catalog.families import family_of
from careen.catalog.java_keystore import MAX_STORE, with_times
from careen.catalog.java_keystore import PATH as KEYSTORE
from careen.catalog.junk import is_junk
from careen.catalog.port import Family
from careen.catalog.recipe import Recipe
from careen.catalog.runtime.closure import runtime_packages
from careen.catalog.runtime.paths import Selection, runtime_paths
from careen.catalog.runtime.plan import catalog_plan
from careen.model.catalog.entry import AddedFile, Entry, User, Variant
from careen.model.catalog.lock import Lock
from careen.model.paths import ImagePath
from careen.oci.changes.append import append_layer
from careen.oci.changes.cut import Cut, LayerGroup
from careen.oci.changes.difference import difference
from careen.oci.changes.edit import Edit, HistoryNote, edit_image
from careen.oci.created import epoch_seconds
from careen.oci.extents import Extents
from careen.oci.image import Image, Layer, hashed_layer
from careen.pipeline.catalog.roots import Root
from careen.pipeline.run.session import Session
from careen.rewrite.databases import database_edits

_PASSWD, _GROUP = ImagePath("/etc/passwd"), ImagePath("/etc/group")
_MAX_ACCOUNTS = 4 << 20


@dataclass(frozen=True, slots=True)
class Titled:
    """A layer of the result with its title."""

    layer: Layer
    title: str


@dataclass(frozen=True, slots=True)
class Maker:
    """What all layers of one image need: times, the lock, scratch space, what closes images, and
    the layers of wheels by the name of their step.
    """

    recipe: Recipe
    chain: tuple[Entry, ...]
    lock: Lock
    opened: ExitStack
    session: Session
    wheels: Mapping[str, Path] = field(default_factory=dict)

    @property
    def family(self) -> Family:
        return family_of(self.recipe.distribution)

    @property
    def seconds(self) -> int:
        return epoch_seconds(self.lock.created)

    def layers(self, roots: Sequence[Root]) -> tuple[Titled, ...]:
        """Return the layers, the lowest first; the layer of an entry is the same in all that
        inherit from it.
        """
        if not self.recipe.variant.is_cut:
            for note in self.family.unnamed(self.lock.sources):
                self.session.progress.note(note)
        out: list[Titled] = []
        below: Image | None = None
        below_it: list[str] = []  # the steps whose wheels are in `below`
        for step, root in zip(self.recipe.steps, roots, strict=True):
            if step.entry is None:
                continue
            until = self.chain[: self.chain.index(step.entry) + 1]
            if self.recipe.variant is Variant.COMPAT:
                upper = self.full(root, until, accounts=False)
                title = f"{step.name}, compat"
            else:
                upper = self.runtime(root, until)
                title = f"{step.name}, runtime"
            upper = self.with_wheels(upper, below_it)
            out.append(_titled(below, upper, title))
            below = upper
            if step.name in self.wheels:
                below_it.append(step.name)
                below = self.with_wheels(upper, [step.name])
                out.append(_titled(upper, below, f"{step.name}, wheels"))
        last = self.recipe.steps[-1]
        if self.recipe.variant is Variant.FIPS:
            upper = self.runtime(roots[-1], self.chain, recipes.FIPS_PACKAGES, recipes.FIPS_KEPT)
            upper = self.with_wheels(upper, below_it)
            out.append(_titled(below, upper, f"{self.recipe.entry.name}, the FIPS provider"))
        elif self.recipe.variant is Variant.DEV or last.entry is None:
            title = f"{self.recipe.entry.name}, {self.recipe.variant.value}"
            dev = self.recipe.variant is Variant.DEV
            if below is None or dev or last.packages:  # else its root is the one below
                upper = self.full(roots[-1], self.chain, accounts=dev)
                upper = self.with_wheels(upper, below_it)
                out.append(_titled(below, upper, title))
                below = upper
            if last.name in self.wheels:
                top = self.with_wheels(below, [last.name])
                out.append(_titled(below, top, f"{title}, wheels"))
        return tuple(out)

    def runtime(
        self,
        root: Root,
        chain: tuple[Entry, ...],
        more: Sequence[str] = (),
        needed: Sequence[str] = (),
    ) -> Image:
        """Return a root as its variant `runtime`, with more packages and paths that it needs."""
        names = [*(name for each in chain for name in each.packages), *more]
        omitted, ecosystem = recipes.omitted(chain), self.family.ecosystem
        packages = runtime_packages(root.inventory, names, omitted, ecosystem)
        unowned, dropped = recipes.unowned(chain), recipes.dropped(chain)
        chosen = Selection(packages, unowned, dropped, self.family.records, needed)
        kept = {
            path for path in runtime_paths(root.rootfs, root.inventory, chosen) if not is_junk(path)
        }
        plan = catalog_plan(root.image.ref, root.rootfs, root.inventory, kept, packages)
        replaced = dict(database_edits(root.rootfs, root.inventory, plan))
        users = recipes.users(chain)
        replaced |= _accounts(root, users)
        added = _additions(chain, users, recipes.files(chain, Variant.RUNTIME))
        return self._with(_edited(root, plan.keep, replaced, self), added)

    def full(self, root: Root, chain: tuple[Entry, ...], *, accounts: bool) -> Image:
        """Return a whole root, without what no image keeps."""
        kept = {entry.path for entry in root.rootfs if not is_junk(entry.path)}
        users = tuple(each for each in recipes.users(chain) if accounts or each.upstream)
        settings = self.family.settings(self.lock.sources, root.rootfs)
        sources = tuple(AddedFile(path, data.decode()) for path, data in settings.items())
        edited = _edited(root, dict.fromkeys(kept), _accounts(root, users), self)
        files = (*sources, *recipes.files(chain, self.recipe.variant))
        return self._with(edited, _additions(chain, users, files))

    def with_wheels(self, image: Image, steps: Sequence[str]) -> Image:
        """Return the image with the wheels of these steps on top."""
        for name in steps:
            note = HistoryNote(f"the wheels of {name}")
            added = append_layer(image, self.wheels[name], note, {}, self.lock.created)
            image = self.opened.enter_context(added)
        return image

    def _with(self, image: Image, additions: Additions) -> Image:
        """Return the image with what the entries add on top."""
        data = added_layer(image.rootfs(), additions, self.seconds)
        tar = self.session.scratch("added") / "layer.tar"
        tar.write_bytes(data)
        note = HistoryNote("what the entry adds")
        added = append_layer(image, tar, note, {}, self.lock.created)
        return self.opened.enter_context(added)


def _additions(
    chain: tuple[Entry, ...], users: tuple[User, ...], files: tuple[AddedFile, ...]
) -> Additions:
    return Additions(users, recipes.links(chain), recipes.directories(chain), files)


def _accounts(root: Root, users: Sequence[User]) -> Mapping[ImagePath, bytes]:
    if not users:
        return {}
    passwd, group = (root.rootfs.read(path, _MAX_ACCOUNTS) for path in (_PASSWD, _GROUP))
    return dict(zip((_PASSWD, _GROUP), with_users(passwd, group, users), strict=True))


def _edited(
    root: Root,
    kept: Mapping[ImagePath, object],
    replaced: Mapping[ImagePath, bytes],
    maker: Maker,
) -> Image:
    """Return the root with these paths alone; no time is later than that of the build."""
    replaced = {**_without_clock(root, kept, maker.seconds), **replaced}
    times = {
        path: float(min(int(root.rootfs[path].mtime), maker.seconds))
        for path in kept
        if path in root.rootfs
    }
    edit = Edit(
        keep=kept.keys(),
        replaced=replaced,
        history=HistoryNote("cut to the variant"),
        annotations={},
        created=maker.lock.created,
        cut=Cut((LayerGroup("root", sorted(kept)),), times),
    )
    scratch = maker.session.scratch("cut")
    return maker.opened.enter_context(edit_image(root.image, edit, scratch))


def _without_clock(
    root: Root, kept: Mapping[ImagePath, object], seconds: int
) -> Mapping[ImagePath, bytes]:
    """Return new contents of files that hold the time at which a script made them."""
    path = ImagePath(KEYSTORE)
    entry = root.rootfs.get(path)
    if path not in kept or entry is None or not entry.is_file or entry.size > MAX_STORE:
        return {}
    changed = with_times(root.rootfs.read(path, MAX_STORE), seconds)
    return {} if changed is None else {path: changed}


def _titled(below: Image | None, upper: Image, title: str) -> Titled:
    extents: Extents = difference(below, upper, title)
    return Titled(hashed_layer(extents), title)
