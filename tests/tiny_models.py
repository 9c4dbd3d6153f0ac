"""Tiny models of the real classes, with random weights, saved as real folders.

`python -m tests.tiny_models --out DIR` writes DIR/clipseg and DIR/inpainting; the product's own
loaders open them exactly as they open the published weights.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import CLIPTokenizer

BOS, EOS = "<|startoftext|>", "<|endoftext|>"


def make_tiny_clipseg(folder: Path, *, side: int = 64, seed: int = 0) -> Path:
    """A CLIPSegForImageSegmentation of 2 × 4 layers that sees side × side pixels (a multiple of 16)."""
    import torch
    from transformers import (
        CLIPImageProcessor,
        CLIPSegConfig,
        CLIPSegForImageSegmentation,
        CLIPSegProcessor,
        CLIPSegTextConfig,
        CLIPSegVisionConfig,
    )

    tokenizer = _tokenizer()
    ids = {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id}
    text = CLIPSegTextConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=4, pad_token_id=tokenizer.eos_token_id, **ids,
    )  # fmt: skip
    vision = CLIPSegVisionConfig(
        hidden_size=32, intermediate_size=64, num_hidden_layers=4, num_attention_heads=4, image_size=side,
        patch_size=16,
    )  # fmt: skip
    config = CLIPSegConfig(
        text_config=text.to_dict(), vision_config=vision.to_dict(), projection_dim=32, extract_layers=[0, 1, 2],
        reduce_dim=16, decoder_num_attention_heads=4, decoder_intermediate_size=32, initializer_factor=4.0,
    )  # fmt: skip
    torch.manual_seed(seed)
    model = CLIPSegForImageSegmentation(config).eval()
    images = CLIPImageProcessor(
        size={"height": side, "width": side}, do_center_crop=False,
        image_mean=[0.485, 0.456, 0.406], image_std=[0.229, 0.224, 0.225],
    )  # fmt: skip
    model.save_pretrained(folder)
    CLIPSegProcessor(images, tokenizer).save_pretrained(folder)
    return folder


def make_tiny_inpainting(folder: Path, *, side: int = 64, seed: int = 0) -> Path:
    """A StableDiffusionInpaintPipeline laid out as Stable Diffusion 2's: UNet with 9 inputs, VAE ÷ 8."""
    import torch
    from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionInpaintPipeline, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    tokenizer = _tokenizer()
    torch.manual_seed(seed)
    unet = UNet2DConditionModel(
        sample_size=side // 8, in_channels=9, out_channels=4, block_out_channels=(16, 32), layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=32, attention_head_dim=8, norm_num_groups=8, use_linear_projection=True,
    )  # fmt: skip
    vae = AutoencoderKL(
        block_out_channels=(8, 8, 16, 16), in_channels=3, out_channels=3, latent_channels=4, norm_num_groups=4,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        sample_size=side,
    )  # fmt: skip
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2,
            num_attention_heads=4, hidden_act="gelu", pad_token_id=tokenizer.eos_token_id,
            bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
        )
    )  # fmt: skip
    scheduler = DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False,
        set_alpha_to_one=False, steps_offset=1,
    )  # fmt: skip
    pipeline = StableDiffusionInpaintPipeline(
        vae=vae, text_encoder=text, tokenizer=tokenizer, unet=unet, scheduler=scheduler,
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    pipeline.save_pretrained(folder)
    return folder


def _tokenizer() -> CLIPTokenizer:
    """A byte-level CLIP tokenizer with a handful of merges, made here: no file is fetched."""
    from transformers import CLIPTokenizer

    letters = _byte_letters()
    merges = [("c", "a"), ("ca", "r</w>"), ("t", "h"), ("th", "e</w>"), ("p", "a"), ("pa", "n")]
    words = letters + [letter + "</w>" for letter in letters] + ["".join(pair) for pair in merges] + [BOS, EOS]
    vocab = {word: index for index, word in enumerate(words)}
    return CLIPTokenizer(vocab=vocab, merges=merges, model_max_length=77)


def _byte_letters() -> list[str]:
    """The 256 printable letters that stand for bytes in GPT-2's and CLIP's vocabularies."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + index) for index in range(len(others))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder that receives clipseg/ and inpainting/")
    out = parser.parse_args().out
    print(make_tiny_clipseg(out / "clipseg"))
    print(make_tiny_inpainting(out / "inpainting"))


if __name__ == "__main__":
    main()
