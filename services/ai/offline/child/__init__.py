"""What runs inside a model child: the models, and the measuring of pixels and samples."""
