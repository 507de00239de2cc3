# Why a file could not be read.
media-too-big = This file is larger than { $limit }. Please post a smaller version of it.
media-too-many-pixels = This picture has { $size } pixels; I can look at { $limit } megapixels at most. Please post a smaller version.
media-too-complex = This file needs too much memory to open. Please post a simpler or smaller version.
media-took-too-long = Opening this file took too long, so I gave up. Please post a simpler or smaller version.
media-decoder-died = This file could not be opened safely. Saving it again in another format may help.
media-broken = This file is damaged or cut short, so I cannot open it. Please save and upload it again.
media-empty = This file is empty. Please upload it again.
media-unknown = I cannot tell what kind of file this is. I can read pictures (PNG, JPEG, WebP, GIF, AVIF, BMP, TIFF, HEIC), sound (OGG, MP3, M4A, WAV, FLAC) and videos (MP4, MOV, WebM, MKV).
media-unsupported =
    { $what ->
        [aiff] This is an AIFF sound file, which I cannot open. Please save it as MP3 or WAV.
        [amr] This is an AMR sound file, which I cannot open. Please save it as MP3 or WAV.
        [midi] This is a MIDI file: notes without sound. Please post a recording of it.
        [avi] This is an AVI video, which I cannot open. Please save it as MP4.
        [flv] This is a Flash video, which I cannot open. Please save it as MP4.
        [asf] This is a Windows Media video, which I cannot open. Please save it as MP4.
        [ogv] This is an Ogg video, which I cannot open. Please save it as MP4.
        [pdf] This is a PDF document. A screenshot of the page would work.
        [postscript] This is a PostScript or EPS drawing. Please export it as PNG and post that.
        [svg] This is an SVG drawing. Please export it as PNG and post that.
        [html] This is a web page. A screenshot of it would work.
        [zip] This is a ZIP archive or an office document. Please post the picture or recording itself.
        [archive] This is an archive. Please post the picture or recording itself.
        [program] This is a program, which I do not open.
        [psd] This is a Photoshop document. Please export it as PNG and post that.
        [ico] This is an icon file. Please save it as PNG and post that.
        [jxl] This is a JPEG XL picture. Please save it as PNG or JPEG and post that.
        [jp2] This is a JPEG 2000 picture. Please save it as PNG or JPEG and post that.
        [office] This is an office document. A screenshot of the page would work.
        [playlist] This is a playlist, which only points to recordings. Please post the recording itself.
        [text] This is a text file. Please paste the text, or post a picture or a recording.
       *[other] I cannot open this kind of file.
    }
media-no-sound = There is no sound in this file.
media-nothing-to-hear = This is a picture: there is nothing to be heard in it. Use /describe for it.
media-no-still = This is a recording, not a picture.
media-codec = The sound or video in this file is of a kind that I cannot decode ({ $codec }). Saving it as MP4, MP3 or WAV will help.
media-too-long = This recording is longer than { $minutes } minutes, which is the most I listen to. Please post a part of it.
media-expired = The link to this file has expired. Please use the command again.
media-gone = This file is gone: its message was deleted meanwhile. Please post it again.
media-hidden = I may not read that message any more. Please ask a moderator for the permission "Read Message History" for me.
media-refused = This file does not lie where Discord keeps attachments, so I leave it alone. Please attach it to a message.
media-slow = Downloading this file took too long. Please try again.
media-cut-short = This file kept breaking off during the download. Please try again.
media-unreachable = Discord did not hand out this file. Please try again in a moment.
too-big-to-post = This file is too big for me to post here. Please use a smaller version.
too-many-attachments = I look at the first { $limit } files of a post. Please post the others separately.
picture-flagged = I may not post this picture: a moderation check flagged it. Please try another picture.
media-mask-empty = This mask marks nothing to change. Make transparent (or paint white) what I should change, and leave the rest.
media-mask-everything = This mask marks the whole picture. Mark only the part that I should change, or ask without a mask.
media-generated-broken = The image model returned a picture that I cannot open. Please try again.
media-generated-empty = The image model returned an empty picture. Please try again, perhaps in other words.
media-generated-too-big = The image model returned a picture that is too large for me. Please try again.
