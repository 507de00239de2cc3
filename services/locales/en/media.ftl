# Why a file could not be read.
media-too-big = This file is larger than { $limit }. Please post a smaller version of it.
media-too-many-pixels = This picture has { $size } pixels; I can look at { $limit } megapixels at most. Please post a smaller version.
media-too-complex = This file needs too much memory to open. Please post a simpler or smaller version.
media-took-too-long = Opening this file took too long, so I gave up. Please post a simpler or smaller version.
media-decoder-died = This file could not be opened safely. Saving it again in another format may help.
media-broken = This file is damaged or cut short, so I cannot open it. Please save and upload it again.
media-empty = This file is empty. Please upload it again.
media-unknown = I cannot tell what kind of file this is. I can look at PNG, JPEG, WebP, GIF, AVIF, BMP, TIFF and HEIC pictures.
media-unsupported =
    { $what ->
        [ogg] This is an Ogg sound file, not a picture.
        [opus] This is an Opus sound file, not a picture.
        [flac] This is a FLAC sound file, not a picture.
        [mp3] This is an MP3 sound file, not a picture.
        [aac] This is an AAC sound file, not a picture.
        [m4a] This is an M4A sound file, not a picture.
        [wav] This is a WAV sound file, not a picture.
        [aiff] This is an AIFF sound file, not a picture.
        [amr] This is an AMR sound file, not a picture.
        [midi] This is a MIDI file, not a picture.
        [mp4] This is an MP4 video, not a picture.
        [mov] This is a QuickTime video, not a picture.
        [webm] This is a WebM video, not a picture.
        [mkv] This is a Matroska video, not a picture.
        [avi] This is an AVI video, not a picture.
        [flv] This is a Flash video, not a picture.
        [asf] This is a Windows Media video, not a picture.
        [ogv] This is an Ogg video, not a picture.
        [pdf] This is a PDF document, not a picture. A screenshot of the page would work.
        [postscript] This is a PostScript or EPS drawing. Please export it as PNG and post that.
        [svg] This is an SVG drawing. Please export it as PNG and post that.
        [html] This is a web page, not a picture. A screenshot of it would work.
        [zip] This is a ZIP archive or an office document, not a picture. Please post the picture itself.
        [archive] This is an archive, not a picture. Please post the picture itself.
        [program] This is a program, not a picture.
        [psd] This is a Photoshop document. Please export it as PNG and post that.
        [ico] This is an icon file. Please save it as PNG and post that.
        [jxl] This is a JPEG XL picture. Please save it as PNG or JPEG and post that.
        [jp2] This is a JPEG 2000 picture. Please save it as PNG or JPEG and post that.
        [office] This is an office document, not a picture. A screenshot of the page would work.
        [playlist] This is a playlist, not a picture.
        [text] This is a text file, not a picture.
       *[other] This is not a picture.
    } I can look at PNG, JPEG, WebP, GIF, AVIF, BMP, TIFF and HEIC pictures.
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
