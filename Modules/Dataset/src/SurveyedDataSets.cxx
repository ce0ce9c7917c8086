#include "SurveyedDataSets.h"

namespace serval
{
namespace
{

DataSetSource ImageNet()
{
  return { .name = "imagenet", .kind = "natural", .images = "1.2 M", .classes = 1000,
           .published = "1,281,167 training images of ILSVRC 2012",
           .licence = "research and teaching, not commercial", .publisher = "ImageNet (Stanford and Princeton), image-net.org",
           .obtain = "register with the publisher; the file of training images of ILSVRC 2012 holds a tar file for each WordNet id, "
                     "to be unpacked into a folder of that name",
           .layout = "FOLDER/n01440764/*.JPEG, a folder for each WordNet id",
           .import = "--imageSet FOLDER --colour rgb --size 224,224",
           .files = { { "ILSVRC2012_img_train.tar", "1d675b47d978889d74fa0da5fadfb00e",
                        "b08200a27a8e34218a0e58fde36b0fe8f73bc377f4acea2d91602057c3ca45bb" } },
           .checked = "registration, layout, MD5: torchvision 0.29.1, datasets/imagenet.py; SHA-256, count: tensorflow-datasets 4.9.10, "
                      "datasets/imagenet2012/checksums.tsv and core/utils/shard_utils_test.py; licence: the terms as the card of timm/imagenet-1k-wds has them" };
}

DataSetSource Stl10()
{
  return { .name = "stl-10", .kind = "natural", .images = "100 K", .classes = 10,
           .published = "100,000 images without labels; with labels 500 for training and 800 for testing of each class",
           .licence = seePublisher, .publisher = "Stanford (Coates, Ng, Lee)",
           .obtain = "from the authors' page, cs.stanford.edu/~acoates/stl10; write the images with labels as PNG: the binary files hold 96 x 96 pixels "
                     "column by column, red, green, blue; labels are 1 to 10",
           .layout = "FOLDER/CLASS/*.png", .import = "--imageSet FOLDER --colour rgb --size 96,96",
           .files = { { "stl10_binary.tar.gz", "91f7769df0f17e558f3565bffb0c7dfb", "f31fd99273a1acb8609c8db427cebb1de3f71de77758cdc0e22956e1289b9866" } },
           .checked = "counts, order of pixels: the authors' page; address, MD5: torchvision 0.29.1, datasets/stl10.py; SHA-256: tensorflow-datasets "
                      "4.9.10, datasets/stl10/checksums.tsv",
           .unchecked = "licence" };
}

DataSetSource Places()
{
  return { .name = "places", .kind = "scenes", .images = "2.5 M", .classes = 205,
           .published = "2,448,873 training images",
           .licence = seePublisher, .publisher = "MIT CSAIL, places.csail.mit.edu",
           .obtain = "Places205, from places.csail.mit.edu/downloadData.html; a class is the innermost folder, so make one folder of names in two parts: "
                     "church/outdoor becomes church-outdoor, or all */outdoor would be one class",
           .layout = "FOLDER/abbey/*.jpg, a folder for each category; as published below data/vision/torralba/deeplearning/images256/a",
           .import = "--imageSet FOLDER --colour rgb --size 224,224",
           .checked = "address, names of the 205: open-mmlab/mmpretrain, mmpretrain/datasets/places205.py and categories.py; layout: kdexd/virtex, "
                      "viswsl/data/datasets/downstream_datasets.py; count: notes in public repositories",
           .unchecked = "licence, registration" };
}

DataSetSource Dtd()
{
  return { .name = "dtd", .kind = "texture", .images = "5.6 K", .classes = 47,
           .published = "5,640 images, 120 of each word",
           .licence = "for research", .publisher = "Oxford, Visual Geometry Group",
           .obtain = "Describable Textures Dataset, from the group's page, robots.ox.ac.uk/~vgg/data/dtd",
           .layout = "FOLDER/banded/*.jpg, a folder for each word: FOLDER is dtd/images of the archive",
           .import = "--imageSet FOLDER --colour rgb --size 224,224",
           .files = { { "dtd-r1.0.1.tar.gz", "fff73e5086ae6bdbea199a49dfb8a4c1", "e42855a52a4950a3b59612834602aa253914755c95b0cff9ead6d07395f8e205" } },
           .checked = "address, layout, MD5: torchvision 0.29.1, datasets/dtd.py; licence, SHA-256: tensorflow-datasets 4.9.10, "
                      "image_classification/dtd.py and url_checksums/dtd.txt; counts: notes in public repositories" };
}

DataSetSource Alot()
{
  return { .name = "alot", .kind = "texture", .images = "28 K", .classes = 250,
           .licence = seePublisher, .publisher = "University of Amsterdam (Burghouts, Geusebroek)",
           .obtain = "Amsterdam Library of Textures, from the authors' page, aloi.science.uva.nl/public_alot; a quarter of the resolution is enough",
           .layout = "FOLDER/1/*.png, a folder for each texture, 1 to 250", .import = "--imageSet FOLDER --size 224,224",
           .files = { { "alot_grey4.tar", "0f5b72b1fe1ac8381821d45e5087dd99" }, { "alot_png4.tar", "c3f489c9072d3469e43225c5906e01e2" } },
           .checked = "address, layout, MD5: google-deepmind/dm_nevis, datasets_storage/handlers/alot.py; authors: a loader in a public repository",
           .unchecked = "licence, exact count" };
}

DataSetSource KthTips()
{
  return { .name = "kth-tips", .kind = "texture", .images = "810", .classes = 10,
           .published = "81 images of each material, 9 scales of 9, about 200 x 200",
           .licence = seePublisher, .publisher = "KTH Stockholm",
           .obtain = "Textures under varying Illumination, Pose and Scale, from csc.kth.se/cvap/databases/kth-tips; not KTH-TIPS2",
           .layout = "FOLDER/sandpaper/*.png, a folder for each material: FOLDER is KTH_TIPS of the archive", .import = "--imageSet FOLDER --size 192,192",
           .files = { { "kth_tips_grey_200x200.tar", "3aab2bffd539865b237cb3a63dffb14a" }, { "kth_tips_col_200x200.tar", "4f92fe540feb4f3c66938291e4516f6c" } },
           .checked = "address, layout, MD5: google-deepmind/dm_nevis, datasets_storage/handlers/kth_tips.py; counts: a loader in a public repository",
           .unchecked = "licence" };
}

DataSetSource Cifar10()
{
  return { .name = "cifar-10", .kind = "natural", .images = "60 K", .classes = 10,
           .published = "50,000 training and 10,000 test images",
           .licence = seePublisher, .publisher = "University of Toronto (Krizhevsky)",
           .obtain = "from the author's page, cs.toronto.edu/~kriz/cifar.html; write the binary file as PNG",
           .layout = "FOLDER/CLASS/*.png", .import = "--imageSet FOLDER --colour rgb --size 32,32",
           .files = { { "cifar-10-binary.tar.gz", "c32a1d4ab5d03f1284b67883e8d87530", "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd" },
                      { "cifar-10-python.tar.gz", "c58f30108f718f92721af3b95e74349a" } },
           .checked = "address, counts, MD5: torchvision, datasets/cifar.py; of the binary file: mlverse/torchvision, R/dataset-cifar.R (MD5), and "
                      "tensorflow-datasets 4.9.10, url_checksums/cifar10.txt (SHA-256)",
           .unchecked = "licence" };
}

DataSetSource Fmd()
{
  return { .name = "fmd", .kind = "material", .images = "1 K", .classes = 10,
           .published = "100 images of 512 x 384 of each material",
           .licence = seePublisher, .publisher = "MIT (Sharan, Rosenholtz, Adelson)",
           .obtain = "Flickr Material Database, from people.csail.mit.edu/celiu/CVPR2010/FMD or people.csail.mit.edu/lavanya/fmd.html",
           .layout = "FOLDER/fabric/*.jpg, a folder for each material: FOLDER is image of the archive, whose folder mask has files of the same names",
           .import = "--imageSet FOLDER --colour rgb --size 224,224",
           .files = { { "FMD.zip", "0721ba72cd981aa9599a81bbfaaebd75" } },
           .checked = "address, layout, masks, classes, authors, MD5: google-deepmind/dm_nevis, datasets_storage/handlers/flickr_material_database.py; count, second address: notes in public "
                      "repositories",
           .unchecked = "licence (CC BY 2.0 by the card of mcimpoi/fmd_materials, not by the authors)" };
}

DataSetSource Ktb()
{
  return { .name = "ktb", .kind = "texture", .images = "4.5 K", .classes = 27,
           .published = "28 classes, not 27, of 160 patches of 576 x 576 (version 1.0, without rotations)",
           .licence = seePublisher, .publisher = "Uppsala University, Centre for Image Analysis (Kylberg)",
           .obtain = "Kylberg Texture Dataset, from kylberg.org/kylberg-texture-dataset-v-1-0 (once cb.uu.se/~gustaf/texture); an archive for each class, without rotations",
           .layout = "FOLDER/blanket1/*.png, a folder for each texture", .import = "--imageSet FOLDER --size 192,192",
           .checked = "address, counts, format, names of files: Charmve/Surface-Defect-Detection, README.md",
           .unchecked = "licence" };
}

DataSetSource Uiuc()
{
  return { .name = "uiuc", .kind = "texture", .images = "1 K", .classes = 25,
           .published = "40 images of each texture",
           .licence = seePublisher, .publisher = "University of Illinois (Lazebnik, Schmid, Ponce)",
           .obtain = "UIUC texture database: slazebni.cs.illinois.edu/research/uiuc_texture_dataset.zip, or five archives of www-cvr.ai.uiuc.edu/ponce_grp/data "
                     "that web.archive.org keeps (29 August 2007)",
           .layout = "FOLDER/T01_bark1/T01_01.jpg, a folder for each texture", .import = "--imageSet FOLDER --size 224,224",
           .files = { { "T01-T05.zip", "e622e4708e336d51b3bbd45503618af1" }, { "T06-T10.zip", "50ab35564058d3f1d05e6f5d767db5df" },
                      { "T11-T15.zip", "d1c7584aeb0ab1e41c7157c60e84c3ad" }, { "T16-T20.zip", "d527ba7d820e1eeaef49f9c07b82aa34" },
                      { "T21-T25.zip", "74a29af10123f2be70ea481e5af3ec36" } },
           .checked = "archived address, MD5: google-deepmind/dm_nevis, datasets_storage/handlers/uiuc_texture.py; address: latte488/camera_action_dataset, download.sh; counts, layout, authors: a loader "
                      "in a public repository",
           .unchecked = "licence" };
}

DataSetSource Caltech101()
{
  return { .name = "caltech-101", .kind = "natural", .images = "9 K", .classes = 101,
           .published = "40 to 800 images of a class",
           .licence = "CC BY 4.0", .publisher = "Caltech, data.caltech.edu",
           .obtain = "from data.caltech.edu/records/mzrjq-6wc02; the file holds 101_ObjectCategories.tar.gz; leave the class BACKGROUND_Google out for 101 classes",
           .layout = "FOLDER/accordion/image_0001.jpg, a folder for each object: FOLDER is 101_ObjectCategories",
           .import = "--imageSet FOLDER --colour rgb --size 224,224",
           .files = { { "caltech-101.zip", "3138e1922a9193bfa496528edbbc45d0", "331234750fc7f77520e50d9565e8b6907b03565e30320da1401130db08c61f91" } },
           .checked = "address, layout, MD5: torchvision 0.29.1, datasets/caltech.py; SHA-256, counts: tensorflow-datasets 4.9.10, datasets/caltech101; "
                      "licence: the loader HuggingFaceM4/Caltech-101" };
}

DataSetSource Corel1000()
{
  return { .name = "corel-1000", .kind = "natural", .images = "1 K", .classes = 10,
           .licence = seePublisher, .publisher = "Penn State (J. Z. Wang), wang.ist.psu.edu",
           .obtain = "test1.tar, from wang.ist.psu.edu/docs/related; sort image.orig/0.jpg to 999.jpg by their number, a hundred a class", .layout = "FOLDER/CLASS/*.jpg",
           .import = "--imageSet FOLDER --colour rgb --size 224,224",
           .checked = "address, name of the archive, order of the files: scripts in public repositories",
           .unchecked = "licence, names of the classes" };
}

DataSetSource KaggleDr()
{
  return { .name = "kaggledr", .kind = "medical", .images = "35 K", .classes = 2,
           .published = "35,126 training images, grades 0 to 4",
           .licence = seePublisher, .publisher = "Kaggle, Diabetic Retinopathy Detection (EyePACS)",
           .obtain = "kaggle.com/c/diabetic-retinopathy-detection: accept the competition's rules; sort the files by trainLabels.csv (image, level: 0, and 1 to 4 for two classes)",
           .layout = "FOLDER/CLASS/10_left.jpeg, patient before the underscore",
           .import = "--imageSet FOLDER --colour rgb --size 224,224 --patientPattern '([0-9]+)_'",
           .checked = "grades, patients: the competition's page; address, count, names of files: tensorflow-datasets 4.9.10, image_classification/diabetic_retinopathy_detection.py",
           .unchecked = "licence (the rules)" };
}

DataSetSource Inbreast()
{
  return { .name = "inbreast", .kind = "medical", .images = "410", .classes = 2,
           .published = "410 images of 115 cases",
           .licence = seePublisher, .publisher = "Breast Research Group, INESC Porto",
           .obtain = "on request: medicalresearch.inescporto.pt/breastresearch, said to answer no more; write AllDICOMs as PNG under their own names, sorted by the BI-RADS classes "
                     "of INbreast.csv",
           .layout = "FOLDER/CLASS/20586908_6c613a14b80a8591_MG_R_CC_ANON.png, patient between the first underscores",
           .import = "--imageSet FOLDER --size 224,224 --patientPattern '[0-9]+_([0-9a-f]+)_'",
           .checked = "publisher, names of files, patient: the readme of INbreast Release 1.0 as public repositories hold it; address, counts: notes in public repositories",
           .unchecked = "licence, the two classes of the survey, whether the publisher still answers" };
}

DataSetSource Icpr2012()
{
  return { .name = "icpr-2012", .kind = "medical", .images = "1.5 K", .classes = 6,
           .published = "1,455 cells of 28 images, one of each patient (1,457 on the contest's page)",
           .licence = seePublisher, .publisher = "University of Salerno, MIVIA Lab",
           .obtain = "HEp-2 cells of the contest at ICPR 2012, from mivia.unisa.it/datasets/biomedical-image-datasets/hep2-image-dataset; sort Cells/Cell_Images/01/001.png and so on by "
                     "the table of their image, the image's number in front; centromeric and centromere are one pattern",
           .layout = "FOLDER/homogeneous/01_001.png, a folder for each pattern, patient before the underscore",
           .import = "--imageSet FOLDER --size 64,64 --patientPattern '([0-9]+)_'",
           .checked = "patterns, count of images: the contest's page; address, layout, patients, count of cells: readmes and loaders in public repositories",
           .unchecked = "licence, registration" };
}

} // namespace

std::vector<DataSetSource> SurveyedDataSets()
{
  return { ImageNet(), Stl10(), Places(), Dtd(), Alot(), KthTips(), Cifar10(), Fmd(), Ktb(), Uiuc(), Caltech101(), Corel1000(), KaggleDr(), Inbreast(), Icpr2012() };
}

} // namespace serval
