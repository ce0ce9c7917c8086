"""peers.py ROW PEER DATA SCRATCH: one measurement in a process of its own; prints JSON {seconds, bytes, rss}.

Imports and one warm-up are not counted; reading the volumes and writing the cache with fsync are. The rows are those of
run.py. Written as a good user of each library would; every peer may use two threads or workers where it has them.
"""
import functools
import json
import os
import pathlib
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy

ROW, PEER, DATA, SCRATCH = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), pathlib.Path(sys.argv[4])
VOLUMES = sorted(DATA.glob("ct*.nrrd"))
THREADS = 2
SIZES = {"patch32": ((32, 32, 32), 250), "patch64": ((64, 64, 64), 50), "slice64": ((1, 64, 64), 2000), "gzip": ((32, 32, 32), 250)}


def raw(path):
    """The voxels of one of our raw .nrrd files, mapped."""
    with open(path, "rb") as file:
        while file.readline().strip():
            pass
        return numpy.memmap(path, numpy.int16, "r", file.tell(), (160, 256, 256))


def write_h5(path, blocks, shape, gzip):
    """One dataset, chunk = patch when compressed, synced."""
    import h5py

    count = shape[0]
    with h5py.File(path, "w") as file:
        options = {"chunks": (1, *shape[1:]), "compression": "gzip", "compression_opts": 4, "shuffle": True} if gzip else {}
        target = file.create_dataset("image", shape, numpy.int16, **options)
        at = 0
        for block in blocks:
            target[at : at + len(block)] = block
            at += len(block)
    assert at == count
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def corners(random, count, size):
    return [[random.integers(0, n - s + 1) for n, s in zip((160, 256, 256), size)] for _ in range(count)]


def numpy_block(path, size, count, seed):
    """Patches of one volume by slicing."""
    image, block = raw(path), numpy.empty((count, *size), numpy.int16)
    for target, (z, y, x) in zip(block, corners(numpy.random.default_rng(seed), count, size)):
        target[...] = image[z : z + size[0], y : y + size[1], x : x + size[2]]
    return block


def extract_numpy(size, count, gzip):
    with ThreadPoolExecutor(THREADS) as pool:
        blocks = pool.map(lambda item: numpy_block(item[1], size, count, item[0]), enumerate(VOLUMES))
        write_h5(SCRATCH / "numpy.h5", blocks, (count * len(VOLUMES), *size), gzip)


def extract_monai(size, count, gzip):
    from monai.transforms import RandSpatialCropSamples

    crop = RandSpatialCropSamples(size, count, random_size=False)
    crop.set_random_state(1)

    def blocks():
        for path in VOLUMES:
            image = numpy.asarray(raw(path))[None]
            yield numpy.stack([numpy.asarray(patch)[0] for patch in crop(image)])

    write_h5(SCRATCH / "monai.h5", blocks(), (count * len(VOLUMES), *size), gzip)


def extract_torchio(size, count, gzip):
    import torch
    import torchio

    sampler = torchio.UniformSampler(size[::-1])

    def blocks():
        for path in VOLUMES:
            tensor = torch.from_numpy(numpy.asarray(raw(path)).transpose(2, 1, 0).copy())[None]
            subject = torchio.Subject(image=torchio.ScalarImage(tensor=tensor))
            yield numpy.stack([patch["image"].data[0].numpy().transpose(2, 1, 0) for patch in sampler(subject, count)])

    write_h5(SCRATCH / "torchio.h5", blocks(), (count * len(VOLUMES), *size), gzip)


def extract():
    size, count = SIZES[ROW]
    work = {"numpy": extract_numpy, "monai": extract_monai, "torchio": extract_torchio}[PEER]
    global VOLUMES
    everything, VOLUMES = VOLUMES, VOLUMES[:1]
    work(size, 4, False)  # warm-up: lazy imports
    VOLUMES = everything
    begin = time.perf_counter()
    work(size, count, ROW == "gzip")
    return time.perf_counter() - begin, count * len(VOLUMES) * 2 * int(numpy.prod(size))


def read_h5py(path, order):
    import h5py

    with h5py.File(path, "r") as file:
        data, total = file["image"], 0.0
        for at in range(0, len(order), 8):
            batch = numpy.stack([data[i] for i in order[at : at + 8]]).astype(numpy.float32)
            total += float(batch[0, 0, 0, 0])
    return total


def read_monai(path, order):
    import h5py
    import torch
    from monai.data import CacheDataset, DataLoader

    with h5py.File(path, "r") as file:
        images = [{"image": file["image"][i]} for i in range(len(order))]
    data = CacheDataset(images, transform=None, cache_rate=1.0, progress=False)
    loader = DataLoader(data, batch_size=8, shuffle=True, num_workers=0)
    for _ in range(2):  # the second epoch counts
        begin, total = time.perf_counter(), 0.0
        for batch in loader:
            total += float(torch.as_tensor(batch["image"]).float()[0, 0, 0, 0])
    return time.perf_counter() - begin


@functools.cache
def opened(path):
    import serval

    return serval.PatchCache(path)


def read_serval(path, order):
    cache, total = opened(path), 0.0
    for at in range(0, len(order), 8):
        total += float(cache.images(order[at : at + 8], threads=THREADS).flat[0])
    return total


def read():
    """An epoch after the first: our first one tests every patch's checksum."""
    order = numpy.random.default_rng(1).permutation(SIZES[ROW.removeprefix("read-")][1] * len(VOLUMES))
    path = SCRATCH / ("serval.cache" if PEER == "serval" else "numpy.h5")
    if PEER == "monai":
        return read_monai(path, order), len(order)
    work = {"numpy": read_h5py, "serval": read_serval}[PEER]
    for _ in range(2):
        begin = time.perf_counter()
        work(path, order)
        print(f"{len(order) / (time.perf_counter() - begin):,.0f} samples/s", file=sys.stderr)
    return time.perf_counter() - begin, len(order)


def load():
    path = str(DATA / ("dicom" if ROW == "load-dicom" else "ct0.nii.gz"))

    def simpleitk():
        import SimpleITK

        names = SimpleITK.ImageSeriesReader.GetGDCMSeriesFileNames(path) if ROW == "load-dicom" else path
        return SimpleITK.GetArrayViewFromImage(SimpleITK.ReadImage(names))

    def itk_python():
        import itk

        if ROW == "load-dicom":
            names = itk.GDCMSeriesFileNames.New()
            names.SetDirectory(path)
            return itk.array_view_from_image(itk.imread(names.GetInputFileNames()))
        return itk.array_view_from_image(itk.imread(path))

    def nibabel():
        import nibabel

        return numpy.asarray(nibabel.load(path).dataobj)

    def ours():
        import serval

        return serval.read_volume(path).array

    work = {"simpleitk": simpleitk, "itk": itk_python, "nibabel": nibabel, "serval": ours}[PEER]
    work()
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        voxels = work()
        times.append(time.perf_counter() - begin)
    return min(times), int(numpy.asarray(voxels).size) * 2


def chain():
    """Otsu, opening with the 6-neighbour cross, the 3 largest components (26-connected), holes filled."""
    image = numpy.asarray(raw(VOLUMES[0])).copy()

    def scikit():
        import scipy.ndimage
        import skimage.filters
        import skimage.measure

        mask = image > skimage.filters.threshold_otsu(image)
        mask = scipy.ndimage.binary_opening(mask)
        labels = skimage.measure.label(mask, connectivity=3)
        sizes = numpy.bincount(labels.ravel())
        sizes[0] = 0
        return scipy.ndimage.binary_fill_holes(numpy.isin(labels, numpy.argsort(sizes)[-3:]))

    def simpleitk():
        import SimpleITK

        volume = SimpleITK.GetImageFromArray(image)
        mask = SimpleITK.OtsuThreshold(volume, 0, 1)
        mask = SimpleITK.BinaryMorphologicalOpening(mask, (1, 1, 1), SimpleITK.sitkCross)
        labels = SimpleITK.RelabelComponent(SimpleITK.ConnectedComponent(mask, True))
        return SimpleITK.BinaryFillhole(SimpleITK.BinaryThreshold(labels, 1, 3))

    work = {"scikit-image": scikit, "simpleitk": simpleitk}[PEER]
    work()
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times), image.nbytes


if __name__ == "__main__":
    seconds, size = load() if ROW.startswith("load") else read() if ROW.startswith("read") else chain() if ROW == "chain" else extract()
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "amount": size, "rss": rss}))
